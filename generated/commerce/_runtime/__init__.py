"""Plain-Python parts that every generated connector shares; they import no dlt."""
