"""How large a GraphQL query may be: one cheap request must not ask for a thousand answers."""

from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSyntaxError,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    ValidationContext,
    ValidationRule,
    parse,
)

DEPTH_MAX = 8
ALIASES_MAX = 15
TOKENS_MAX = 2_000
FIELDS_MAX = 500
"""With fragments spelled out: a few of them that name each other twice would grow without end."""
ROOT_FIELDS_MAX = 15
"""Each asks a partner; also what a query may cost a caller's quota."""


def parse_bounded(_context: object, data: dict[str, Any]) -> DocumentNode:
    """Return the parsed query.

    Raises:
        GraphQLError: no GraphQL, too long, or nested deeper than the parser can go.
    """
    try:
        return parse(data["query"], max_tokens=TOKENS_MAX)
    except RecursionError:
        raise GraphQLSyntaxError(Source(""), 0, f"nested deeper than {DEPTH_MAX}") from None


class BoundedQuery(ValidationRule):
    """Refuses operations that are too deep, or have too many aliases or root fields, fragments spelled out."""

    context: ValidationContext

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: object) -> None:
        """Measure one operation."""
        measure = _Measure(self.context)
        measure.walk(node.selection_set, 1, ())
        for count, most, what in (
            (measure.depth, DEPTH_MAX, "levels"),
            (measure.aliases, ALIASES_MAX, "aliases"),
            (measure.fields, FIELDS_MAX, "fields"),
            (measure.root_fields, ROOT_FIELDS_MAX, "root fields"),
        ):
            if count > most:
                self.report_error(GraphQLError(f"The query has more than {most} {what}; ask for less.", node))


class _Measure:
    """Depth, aliases and root fields of one operation. It stops soon after a limit is passed."""

    def __init__(self, context: ValidationContext) -> None:
        self.depth = 0
        self.aliases = 0
        self.fields = 0
        self.root_fields = 0
        self._context = context

    def walk(self, selections: SelectionSetNode | None, depth: int, fragments: tuple[str, ...]) -> None:
        """Count what a set of selections holds."""
        if selections is None or self._is_over():
            return
        self.depth = max(self.depth, depth)
        for node in selections.selections:
            self.fields += 1
            self._count(node, depth, fragments)

    def _count(self, node: Node, depth: int, fragments: tuple[str, ...]) -> None:
        if isinstance(node, FieldNode):
            self.aliases += node.alias is not None
            self.root_fields += depth == 1
            self.walk(node.selection_set, depth + 1, fragments)
        elif isinstance(node, FragmentSpreadNode):
            self._spread(node.name.value, depth, fragments)
        else:
            self.walk(getattr(node, "selection_set", None), depth, fragments)

    def _spread(self, name: str, depth: int, fragments: tuple[str, ...]) -> None:
        fragment: FragmentDefinitionNode | None = self._context.get_fragment(name)
        if fragment is not None and name not in fragments:  # a circle is another rule's to report
            self.walk(fragment.selection_set, depth, (*fragments, name))

    def _is_over(self) -> bool:
        return self.depth > DEPTH_MAX or self.fields > FIELDS_MAX
