"""What each template prints: the intermediate representation as finished pieces of code."""
