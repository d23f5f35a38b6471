"""The hard rules of FORMAT.md, one function each; `scheduler.check` has the list of them in order."""
