"""`gen-connector probe`: a few polite requests to a live API, and the spec that they give."""
