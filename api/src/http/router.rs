//! Every route on one screen.

use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Router, middleware};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::routes::{
    audit, backups, batches, catalogue, entities, gaps, health, indicators, notifications,
    offenders, receipts, relations, restrictions, subjects, verifications, webhooks,
};
use super::{App, docs, layers};

/// The document's head.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "chuantou 穿透",
        description = "信用主体关联与惩戒到人 / Penetration from cases to the responsible person. \
                       Unknown parameters and fields are refused. Lists are paged by opaque cursor; \
                       errors are problem details (RFC 9457) with a stable `code`."
    ),
    components(schemas(super::problem::Problem)),
    tags(
        (name = "verify", description = "核查 / is this subject restricted, and why"),
        (name = "entities", description = "主体与关系 / entities and relations"),
        (name = "findings", description = "措施、高频失信、指标 / restrictions, offenders, indicators"),
        (name = "gaps", description = "缺口 / what should have been done and was not"),
        (name = "operate", description = "装入与运行 / loading and running")
    )
)]
struct Document;

fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(verifications::verify))
        .routes(routes!(verifications::verify_many))
        .routes(routes!(receipts::show))
        .routes(routes!(receipts::public_keys))
        .routes(routes!(entities::find))
        .routes(routes!(entities::show))
        .routes(routes!(relations::network))
        .routes(routes!(relations::controllers))
        .routes(routes!(relations::owners))
        .routes(routes!(relations::group))
        .routes(routes!(entities::timeline))
        .routes(routes!(relations::paths))
        .routes(routes!(relations::signals))
        .routes(routes!(relations::referrals))
        .routes(routes!(restrictions::list))
        .routes(routes!(restrictions::leads))
        .routes(routes!(restrictions::explain))
        .routes(routes!(offenders::list))
        .routes(routes!(gaps::list))
        .routes(routes!(gaps::feed))
        .routes(routes!(gaps::show))
        .routes(routes!(gaps::respond))
        .routes(routes!(webhooks::list, webhooks::put))
        .routes(routes!(webhooks::deliveries, webhooks::send_again))
        .routes(routes!(notifications::show, notifications::send))
        .routes(routes!(indicators::list))
        .routes(routes!(indicators::records))
        .routes(routes!(batches::list, batches::load))
        .routes(routes!(batches::show))
        .routes(routes!(batches::quarantine))
        .routes(routes!(backups::make))
        .routes(routes!(catalogue::show))
        .routes(routes!(audit::list))
        .routes(routes!(subjects::record))
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
}

/// The whole service.
pub(crate) fn router(app: App) -> Router {
    let (routes, document) = routes().split_for_parts();
    let document = docs::text(document);
    let page = docs::page(&document);
    let json = [(header::CONTENT_TYPE, "application/json")];
    let html = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    routes
        .route(
            "/openapi.json",
            get(move || async move { (json, document).into_response() }),
        )
        .route(
            "/docs",
            get(move || async move { (html, page).into_response() }),
        )
        .layer(middleware::from_fn_with_state(app.clone(), layers::around))
        .with_state(app)
}

/// The document as text.
pub(crate) fn document() -> String {
    docs::text(routes().split_for_parts().1)
}
