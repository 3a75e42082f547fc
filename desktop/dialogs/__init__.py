"""Dialogs; none of them is modal while something computes."""
