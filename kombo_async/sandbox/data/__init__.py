"""The data of a sandbox: records generated from a seed, and the changes made to them."""
