"""The hard rules of docs/format.md, one function each; `scheduler.check` has the list of them in order."""
