"""The MCP server: a front of the same functions as the command line's, for AI agents."""
