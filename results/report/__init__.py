"""A run told in one file: HTML for a browser, Markdown for a page of text, LaTeX for a paper."""

from results.report.blocks import Report
from results.report.compose import report_of
from results.report.latex import to_latex
from results.report.markdown import to_markdown
from results.report.page import to_html

__all__ = ["Report", "report_of", "to_html", "to_latex", "to_markdown"]
