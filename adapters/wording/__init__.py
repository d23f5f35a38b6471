"""Wording of messages in Chinese, English and Spanish: catalogues, dates and numbers by CLDR, choice of a language."""
