"""Every fault that the library must survive, as a table of rows and as tests of each row over real sockets."""
