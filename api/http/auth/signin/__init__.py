"""Sign people in: by a link in a mail, by a provider of OpenID Connect, by a link that the first start prints."""
