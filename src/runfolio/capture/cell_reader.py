"""A cell's statements, gone over in the order in which they run: which names they bind and read."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final, NamedTuple

__all__ = ["Assigned", "CellReader"]

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_Sequence = ast.Tuple | ast.List
# Fields of nodes in which no name lies.
_HOLDS_NO_NAME: Final = frozenset({"arg", "attr", "ctx", "kind", "op", "ops", "type_comment"})


class Assigned(NamedTuple):
    """What a cell assigns to a name at its top level, the last time it does.

    Attributes
    ----------
    value : ast.expr
        Of ``a, b = 1, 2`` each name has its own, of ``a, b = call()`` both have the call.
    stands : bool
        Whether the name is not bound in another way after that, by a loop, in an ``if``, by
        ``+=``, and its object gets no item and no attribute; but for what functions do.
    """

    value: ast.expr
    stands: bool = True


class CellReader:
    """Goes over the statements in the order in which they run.

    A name that is certainly bound by then is not read from before the cell; what is bound in one
    branch only is not certain below it. Loops are taken to run once at least. What a function
    reads counts where the function is mentioned first.
    """

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.certain: set[str] = set()
        self.imported: set[str] = set()
        self.made: set[str] = set()
        self.deleted: set[str] = set()
        self.changed: set[str] = set()
        self.read: set[str] = set()
        self.assigned: dict[str, Assigned] = {}
        # Functions and methods that were defined, by the name that leads to them.
        self._later: dict[str, list[_Function]] = {}
        self._class_name: str | None = None
        # Names that belong to a function or comprehension and not to the cell, inner ones last.
        self._local: list[set[str]] = []

    def run(self, body: Iterable[ast.stmt]) -> None:
        """Go over the statements at the top level of a cell."""
        for statement in body:
            self._visit(statement)
            if type(statement) is ast.Assign:
                for target in statement.targets:
                    self._gives(target, statement.value)
            elif type(statement) is ast.AnnAssign and statement.value is not None:
                self._gives(statement.target, statement.value)

    def _visit(self, node: ast.AST) -> None:
        if type(node) is ast.Name:
            # Half of all that is visited.
            self._name(node)
        elif type(node) is not ast.Constant:
            how = self._how.get(type(node))
            if how is not None:
                how(self, node)
            else:
                self._inner(node)

    def _inner(self, node: ast.AST) -> None:
        # What `ast.iter_child_nodes` does, in a third of the time: somebody waits for it.
        for field in node._fields:
            if field in _HOLDS_NO_NAME:
                continue
            part = getattr(node, field, None)
            if type(part) is list:
                for one in part:
                    if isinstance(one, ast.AST):
                        self._visit(one)
            elif isinstance(part, ast.AST):
                self._visit(part)

    # Names -------------------------------------------------------------------------------------

    def _name(self, node: ast.Name) -> None:
        kind = type(node.ctx)
        if kind is ast.Load:
            self._reads(node.id)
        elif kind is ast.Store:
            self._binds(node.id)
        elif not self._is_local(node.id):
            self._reads(node.id)
            self.deleted.add(node.id)
            self.certain.discard(node.id)
            self._overtakes(node.id)

    def _reads(self, name: str) -> None:
        for function in self._later.pop(name, ()) if self._later else ():
            around, self._local = self._local, []
            self._function_body(function)
            self._local = around
        if name not in self.certain and not (self._local and self._is_local(name)):
            self.read.add(name)

    def _binds(self, name: str, *, imported: bool = False) -> None:
        if not (self._local and self._is_local(name)):
            self.bound.add(name)
            self.certain.add(name)
            (self.imported if imported else self.made).add(name)
            if name in self.assigned:
                self._overtakes(name)

    def _overtakes(self, name: str) -> None:
        if name in self.assigned:
            self.assigned[name] = self.assigned[name]._replace(stands=False)

    def _gives(self, target: ast.expr, value: ast.expr) -> None:
        if type(target) is ast.Name:
            self.assigned.pop(target.id, None)  # so that the order is that of what counts
            self.assigned[target.id] = Assigned(value)
        elif isinstance(target, _Sequence) and isinstance(value, _Sequence):
            starred = any(isinstance(item, ast.Starred) for item in (*target.elts, *value.elts))
            if not starred and len(target.elts) == len(value.elts):
                for one, its in zip(target.elts, value.elts, strict=True):
                    self._gives(one, its)
        elif isinstance(target, _Sequence) and isinstance(value, ast.Call):
            for one in target.elts:
                self._gives(one, value)

    def _is_local(self, name: str) -> bool:
        return any(name in names for names in self._local)

    def _stores_in(self, node: ast.Attribute | ast.Subscript) -> None:
        if not isinstance(node.ctx, ast.Load):
            inner: ast.expr = node
            while isinstance(inner, (ast.Attribute, ast.Subscript)):
                inner = inner.value
            if isinstance(inner, ast.Name) and not self._is_local(inner.id):
                self.changed.add(inner.id)
                self._overtakes(inner.id)
        self._inner(node)

    def _assign(self, node: ast.Assign) -> None:
        self._visit(node.value)
        for target in node.targets:
            self._visit(target)

    def _annotated(self, node: ast.AnnAssign) -> None:
        self._visit(node.annotation)
        if node.value is not None:
            self._visit(node.value)
            self._visit(node.target)

    def _augmented(self, node: ast.AugAssign) -> None:
        self._visit(node.value)
        if isinstance(node.target, ast.Name):
            self._reads(node.target.id)
        self._visit(node.target)

    def _named_here(self, node: ast.NamedExpr) -> None:
        self._visit(node.value)
        self._visit(node.target)

    def _imported(self, node: ast.alias) -> None:
        self._binds((node.asname or node.name).partition(".")[0], imported=True)

    # What is found most often, without going through its fields ------------------------------

    def _binary(self, node: ast.BinOp) -> None:
        self._visit(node.left)
        self._visit(node.right)

    def _call(self, node: ast.Call) -> None:
        self._visit(node.func)
        for argument in node.args:
            self._visit(argument)
        for keyword in node.keywords:
            self._visit(keyword.value)

    def _expression(self, node: ast.Expr | ast.keyword) -> None:
        self._visit(node.value)

    # What may run or not -----------------------------------------------------------------------

    def _branch(self, *bodies: Iterable[ast.AST]) -> None:
        """Visit bodies of which any may run; what all of them bind is certain below."""
        before, after = self.certain, list[set[str]]()
        for body in bodies:
            self.certain = set(before)
            for node in body:
                self._visit(node)
            after.append(self.certain)
        self.certain = set.intersection(*after)

    def _if(self, node: ast.If) -> None:
        self._visit(node.test)
        self._branch(node.body, node.orelse)

    def _either(self, node: ast.IfExp) -> None:
        self._visit(node.test)
        self._branch([node.body], [node.orelse])

    def _boolean(self, node: ast.BoolOp) -> None:
        self._visit(node.values[0])
        self._branch(node.values[1:], [])

    def _while(self, node: ast.While) -> None:
        self._visit(node.test)
        for part in (*node.body, *node.orelse):
            self._visit(part)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        for part in (node.iter, node.target, *node.body, *node.orelse):
            self._visit(part)

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        self._branch([*node.body, *node.orelse], *([handler] for handler in node.handlers))
        for statement in node.finalbody:
            self._visit(statement)

    def _handler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self._visit(node.type)
        if node.name:
            self.certain.add(node.name)
            self._overtakes(node.name)
        for statement in node.body:
            self._visit(statement)
        if node.name:
            self.certain.discard(node.name)

    def _match(self, node: ast.Match) -> None:
        self._visit(node.subject)
        cases = [[case.pattern, *filter(None, [case.guard]), *case.body] for case in node.cases]
        self._branch(*cases, [])

    def _captured(self, node: ast.MatchAs | ast.MatchStar) -> None:
        self._inner(node)
        if node.name:
            self._binds(node.name)

    def _captured_rest(self, node: ast.MatchMapping) -> None:
        self._inner(node)
        if node.rest:
            self._binds(node.rest)

    # Scopes of their own -----------------------------------------------------------------------

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for part in (*node.decorator_list, *_signature(node.args), *filter(None, [node.returns])):
            self._visit(part)
        self._binds(node.name)
        if self._class_name is None:
            self._later.pop(node.name, None)
        self._defers(node, self._class_name or node.name)

    def _lambda(self, node: ast.Lambda) -> None:
        for part in _signature(node.args):
            self._visit(part)
        self._defers(node, self._class_name)

    def _defers(self, node: _Function, name: str | None) -> None:
        if self._local or name is None:
            self._function_body(node)  # the names around it are known only now
        else:
            self._later.setdefault(name, []).append(node)

    def _function_body(self, node: _Function) -> None:
        body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else [*node.body]
        self._local.append(_local_names(node, body))
        certain, self.certain = self.certain, set(self.certain)
        # Whether it is called, and when, nobody knows.
        assigned, self.assigned = self.assigned, {}
        for part in body:
            self._visit(part)
        self.certain, self.assigned = certain, assigned
        self._local.pop()

    def _class(self, node: ast.ClassDef) -> None:
        for part in (*node.decorator_list, *node.bases, *(word.value for word in node.keywords)):
            self._visit(part)
        # What a class body binds are its attributes, which its methods do not see as names.
        around, self._class_name = self._class_name, self._class_name or node.name
        bound, certain, assigned = set(self.bound), set(self.certain), dict(self.assigned)
        for statement in node.body:
            self._visit(statement)
        self.bound, self.certain, self.assigned = bound, certain, assigned
        self._class_name = around
        self._binds(node.name)

    def _comprehension(self, node: _Comprehension) -> None:
        first = node.generators[0]
        self._visit(first.iter)
        local = {
            name.id
            for generator in node.generators
            for name in ast.walk(generator.target)
            if isinstance(name, ast.Name)
        }
        self._local.append(local)
        for generator in node.generators:
            for part in ([] if generator is first else [generator.iter]) + generator.ifs:
                self._visit(part)
        for result in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self._visit(result)
        self._local.pop()

    _how: ClassVar[Mapping[type[ast.AST], Callable[[Any, Any], None]]] = {
        ast.Name: _name,
        ast.Attribute: _stores_in,
        ast.Subscript: _stores_in,
        ast.Assign: _assign,
        ast.BinOp: _binary,
        ast.Call: _call,
        ast.Expr: _expression,
        ast.keyword: _expression,
        ast.AnnAssign: _annotated,
        ast.AugAssign: _augmented,
        ast.NamedExpr: _named_here,
        ast.alias: _imported,
        ast.If: _if,
        ast.IfExp: _either,
        ast.BoolOp: _boolean,
        ast.While: _while,
        ast.For: _for,
        ast.AsyncFor: _for,
        ast.Try: _try,
        ast.TryStar: _try,
        ast.ExceptHandler: _handler,
        ast.Match: _match,
        ast.MatchAs: _captured,
        ast.MatchStar: _captured,
        ast.MatchMapping: _captured_rest,
        ast.FunctionDef: _function,
        ast.AsyncFunctionDef: _function,
        ast.Lambda: _lambda,
        ast.ClassDef: _class,
        ast.ListComp: _comprehension,
        ast.SetComp: _comprehension,
        ast.DictComp: _comprehension,
        ast.GeneratorExp: _comprehension,
    }


def _signature(arguments: ast.arguments) -> list[ast.expr]:
    """Return what is evaluated when a function is defined."""
    annotations = [argument.annotation for argument in _every(arguments)]
    return [*arguments.defaults, *filter(None, arguments.kw_defaults), *filter(None, annotations)]


def _every(arguments: ast.arguments) -> list[ast.arg]:
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return named + [rest for rest in (arguments.vararg, arguments.kwarg) if rest is not None]


def _local_names(node: _Function, body: Iterable[ast.AST]) -> set[str]:
    """Return the names that belong to a function and not to the cell."""
    local, shared = {argument.arg for argument in _every(node.args)}, set[str]()
    pending = list(body)
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.Global, ast.Nonlocal)):
            shared.update(part.names if isinstance(part, ast.Global) else ())
        elif isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            local.add(part.id)
        elif isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            local.add(part.name)
            continue
        elif isinstance(part, ast.alias):
            local.add((part.asname or part.name).partition(".")[0])
        elif isinstance(part, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and part.name:
            local.add(part.name)
        elif isinstance(part, ast.MatchMapping) and part.rest:
            local.add(part.rest)
        elif isinstance(part, ast.Lambda):
            continue
        elif isinstance(part, _Comprehension):
            # Their targets are their own; what `:=` binds in them is the function's.
            walruses = (inner for inner in ast.walk(part) if isinstance(inner, ast.NamedExpr))
            local.update(walrus.target.id for walrus in walruses)
            continue
        pending.extend(ast.iter_child_nodes(part))
    return local - shared
