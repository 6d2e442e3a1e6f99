"""The control API of a sandbox, under `/_sandbox`: what programs in any language do with a running sandbox."""
