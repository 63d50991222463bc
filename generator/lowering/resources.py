"""One resource of a spec to the request, records and table that the templates print."""

from __future__ import annotations

from dataclasses import dataclass, field

from generator import ir
from generator.lowering.auth import lower_endpoint_auth
from generator.lowering.context import Context, Source
from generator.lowering.each import Partitions, config_of
from generator.lowering.errors import lower_rate_limit, lower_retry
from generator.lowering.incremental import lower_incremental, with_bound
from generator.lowering.lint import lint_records
from generator.lowering.page_places import use_of
from generator.lowering.paging import Paging, lower_paginator
from generator.lowering.parents import Parents
from generator.lowering.requests import RequestLowering
from generator.lowering.settings import Settings
from generator.lowering.shaping import Shaping, lower_decoder, lower_hook
from generator.lowering.table import lower_table
from generator.lowering.time_options import check_time_options
from generator.paths import Steps, parse_path
from generator.plain import is_list
from generator.spec import Decoder


@dataclass(slots=True)
class ResourceLowering:
    """Lowers one resource."""

    context: Context
    settings: Settings
    paging: Paging
    sources: dict[str, Source]
    methods: dict[str, str]
    source: Source
    parents: Parents = field(init=False)
    partitions: Partitions = field(init=False)

    def __post_init__(self) -> None:
        self.parents = Parents(self.context, self.sources, self.source)
        self.partitions = Partitions(self.context, self.source)

    def lower(self) -> tuple[ir.Resource, ir.Pages]:
        """The resource without its paginator's name, and its way of paging."""
        source, context = self.source, self.context
        model = context.schemas.models[source.index]
        incremental = lower_incremental(context, self.settings, source, model)
        check_time_options(context, source)
        request = RequestLowering(
            context, self.settings, source, self.parents, self.partitions, incremental
        )
        path = request.path()
        params = tuple(request.params())
        headers = tuple(request.headers())
        body = request.body()
        form = request.form()
        content = request.content()
        if incremental is not None:
            incremental = with_bound(context, source, incremental, request.bound_used)
        selector = self.selector()
        lint_records(context, source, selector)
        pages, limit, max_pages = self.pages(selector)
        table = lower_table(context, source, model, pages, incremental)
        shape = Shaping(context, source, request.reference).lower()
        if incremental is None and request.bound_used:
            context.error(
                source.endpoint_pointer,
                "missing-key",
                "`{incremental.start_value}` is used, but the endpoint has no `incremental`",
                "add `incremental` with the `cursor_path` of the records",
            )
        elif incremental is not None and request.bound_used:
            # Records alone may carry it; the client's method takes it all the same.
            incremental = incremental._replace(sends_start=True)
        description = source.resource.description or ""
        resource = ir.Resource(
            name=source.resource.name,
            method=self.methods[source.resource.name],
            model=model,
            description=description,
            http_method="POST" if source.part("method") == "POST" else "GET",
            path=path,
            path_text=source.path,
            params=params,
            headers=headers,
            body=body,
            form=form,
            content=content,
            paginator="",
            limit=limit,
            max_pages=max_pages,
            selector=selector,
            missing_empty=source.part("missing_data") == "empty",
            retry=lower_retry(context, source, pages),
            timeout=self.timeout(),
            on_invalid=(
                "fail" if source.option("on_invalid") == "fail" else "quarantine"
            ),
            max_rejected=self.max_rejected(),
            parent=None,  # known when all requests are
            incremental=incremental,
            settings=tuple(dict.fromkeys(request.used)),
            table=table,
            rate_limit=lower_rate_limit(
                context,
                source.part("rate_limit"),
                (*source.endpoint_pointer, "rate_limit"),
            ),
            bound_headers=request.bound_headers,
            auth=lower_endpoint_auth(context, self.settings, source),
            each=tuple(self.partitions.lower(self.list_settings())),
            shape=shape,
            decoder=lower_decoder(context, source),
            response_hook=lower_hook(context, source, "response"),
            request_hook=lower_hook(context, source, "request"),
        )
        self.parents.check(request.routes)
        return resource, pages

    def list_settings(self) -> dict[str, ir.Setting]:
        """The arguments that give the values of lists, by placeholder."""
        found: dict[str, ir.Setting] = {}
        for name, (values, _) in self.partitions.lists.items():
            config = config_of(values)
            if config is not None:
                found[name] = self.settings.find(config.name, self.source.index)
        return found

    # ---- the answer

    def pages(self, selector: Steps) -> tuple[ir.Pages, int | None, int | None]:
        source, client = self.source, self.context.spec.client
        paginator = source.paginator
        pointer = (*source.endpoint_pointer, "paginator")
        if paginator is None and client.paginator is not None:
            paginator, pointer = client.paginator, ("client", "paginator")
        if paginator is None:
            self.context.warn(
                (*source.pointer, "name"),
                "no-paginator",
                f"no paginator: {source.resource.name} is read with one request",
                "name one, or write `paginator: single_page`",
            )
        pages, limit, maximum = lower_paginator(
            self.context,
            paginator,
            pointer,
            use_of(self.context, source, selector),
        )
        self.paging.add(pages, source.resource.name)
        return pages, limit, maximum

    def selector(self) -> Steps:
        value = self.source.part("data_selector")
        pointer = (*self.source.endpoint_pointer, "data_selector")
        decoder, hooks = self.source.part("decoder"), self.source.resource.hooks
        if value is None and (decoder or (hooks and hooks.response)):
            return ()
        if value is None:
            self.context.warn(
                (*self.source.pointer, "name"),
                "no-data-selector",
                "no `data_selector`: the whole answer is the list, or the one record",
                'write the path of the records, or `data_selector: ""` for the whole answer',
            )
            return ()
        if is_list(value):
            return tuple(step for step in value if isinstance(step, str | int))
        if isinstance(decoder, Decoder) and decoder.type == "csv" and value:
            message = "`data_selector`: the rows of a CSV have no fields below them"
            self.context.error(pointer, "conflict", message)
        lines = isinstance(decoder, Decoder) and decoder.type == "jsonl"
        try:
            steps = parse_path(str(value))
            return ("*", *steps) if lines and steps else steps
        except ValueError as error:
            self.context.error(pointer, "path", f"`data_selector`: {error}")
            return ()

    def timeout(self) -> float | None:
        value = self.source.part("timeout")
        return value if isinstance(value, int | float) else None

    def max_rejected(self) -> int | float | None:
        value = self.source.option("max_rejected")
        return value if isinstance(value, int | float) else None
