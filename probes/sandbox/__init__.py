"""The rehearsal world: fictional brands that really answer, over real servers, on a clock of their own."""
