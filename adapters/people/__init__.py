"""Personal records beside the events: kept, merged and erased."""
