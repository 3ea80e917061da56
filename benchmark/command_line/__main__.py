"""`python -m benchmark.command_line` is the command `replymark`, for the supervisor's children."""

from benchmark.command_line import main

main()
