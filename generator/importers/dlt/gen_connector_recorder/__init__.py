"""Runs in a process of its own, by the Python that has dlt, and imports nothing of the generator.

It executes the user's module and writes down what that passes to dlt's `rest_api`, as lines of JSON.
Older Pythons than the generator's may run it.
"""
