"""What the OpenAPI document says beyond the handlers' own signatures."""

from __future__ import annotations

from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin, SwaggerRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme, Tag
from litestar.static_files import create_static_files_router
from swagger_ui_bundle import swagger_ui_path

from interfaces.http.problem import Problem


def problem_answer(description: str) -> ResponseSpec:
    """A documented answer that is a problem."""
    return ResponseSpec(
        Problem, description=description, media_type="application/problem+json", generate_examples=False
    )


ALWAYS = {
    401: problem_answer("The token is missing, unknown, revoked or expired."),
    403: problem_answer("The role does not allow this."),
    503: problem_answer(
        "The database does not answer, a view is behind, or it holds this back; see Retry-After."
    ),
}
READ_ANSWERS = ALWAYS | {422: problem_answer("A parameter has the wrong form.")}
ITEM_ANSWERS = READ_ANSWERS | {404: problem_answer("There is nothing under this id or number.")}
UNCHANGED = {304: ResponseSpec(None, description="Nothing has happened to it since.")}
CREATE_ANSWERS = ALWAYS | {
    400: problem_answer("The body is not JSON."),
    409: problem_answer("A rule refuses it as things stand; its fields say what would do."),
    413: problem_answer("The body is larger than 1 MB."),
    415: problem_answer("The body is not sent as JSON."),
    422: problem_answer("A field has the wrong form or can never be right; `errors` points at it."),
}
SENT_ANSWERS = {status: CREATE_ANSWERS[status] for status in (400, 413, 415, 422)}
COMMAND_ANSWERS = CREATE_ANSWERS | {
    404: problem_answer("There is nothing under this id or number."),
    412: problem_answer("It has moved on from the version in If-Match."),
}

ASSETS = "/schema/assets"
PAGES = SwaggerRenderPlugin(
    js_url=f"{ASSETS}/swagger-ui-bundle.js",
    css_url=f"{ASSETS}/swagger-ui.css",
    standalone_preset_js_url=f"{ASSETS}/swagger-ui-standalone-preset.js",
    favicon=f'<link rel="icon" type="image/png" href="{ASSETS}/favicon-32x32.png">',
)
"""The document as pages. Their scripts come from this server: many customers' networks reach no other."""

assets = create_static_files_router(
    path=ASSETS, directories=[swagger_ui_path], name="schema-assets", include_in_schema=False, security=[]
)

OPENAPI = OpenAPIConfig(
    title="aftersales 售后服务",
    version="0.1.0",
    description=(
        "Event-sourced after-sales service: every change is an immutable event, every answer a projection "
        "of them. 事件溯源的售后服务系统：每次变更都是不可更改的事件，每个查询都由事件推导而来。\n\n"
        "Commands answer with a receipt whose `Log-Position` may be sent back as `Wait-For-Position`. "
        "Errors are problem details (RFC 9457)."
    ),
    license=License(name="Apache-2.0", identifier="Apache-2.0"),
    use_handler_docstrings=True,
    path="/schema",
    render_plugins=[PAGES, JsonRenderPlugin()],
    components=Components(
        security_schemes={
            "bearer": SecurityScheme(
                type="http", scheme="bearer", description="A token from `aftersales token create`."
            )
        }
    ),
    tags=[
        Tag(
            name="Tickets",
            description="From the report to the confirmed close, now and as it was. 工单",
        ),
        Tag(name="Intake", description="Web forms, chats and mail: what customers write. 受理渠道"),
        Tag(name="Spare parts", description="Catalogue, stock, ledger and traces. 备件"),
        Tag(name="Contracts", description="What was promised to whom, and what is left of it. 合同"),
        Tag(name="Queues", description="What is open, the nearest deadline first. 队列"),
        Tag(name="Service levels", description="Promises, clocks and how they were kept. 服务时效"),
        Tag(name="Reports", description="How cases flow through tiers and teams. 流转报表"),
        Tag(name="Records", description="ISO 9001 records that carry their own events. 记录"),
        Tag(name="Audit", description="Who did what to what, when, recorded when, and why. 审计"),
        Tag(name="Feed", description="Every event as it is recorded, for other systems. 事件流"),
        Tag(
            name="Log",
            description="Checkpoints, sealed events and proofs, for whoever trusts nobody here. 日志",
        ),
        Tag(name="Health", description="For whoever watches the process. 运行状况"),
    ],
)
