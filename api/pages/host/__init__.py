"""Pages of hosts: a venue's rooms, this week in them, hours, closed days and lending terms."""
