"""One training: what is read and decided before anything is learned."""
