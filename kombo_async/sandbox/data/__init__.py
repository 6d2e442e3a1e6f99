"""What a sandbox holds: records that follow from a seed, and the changes made to them."""
