"""The commands, one file each; what they do is imported when they run."""
