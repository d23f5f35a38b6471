"""Pages of a week: how it stands, its sessions, plan, release and branches, and the history of anything."""
