"""The command line: each module has the commands of one subject, and only translates to the service layer."""
