"""Export of released weeks and master data: pages, calendars, tables and workbooks."""
