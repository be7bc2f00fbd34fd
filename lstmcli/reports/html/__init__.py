"""Reports as HTML: one file each, that needs no network and no scripts."""
