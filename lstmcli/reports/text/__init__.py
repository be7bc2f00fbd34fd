"""Reports as plain text, as JSON documents and as CSV tables."""
