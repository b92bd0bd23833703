"""Jobs: one after another, over local processes, or over many machines; each ends as a result or as a reason."""
