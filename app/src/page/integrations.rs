//! The two tiles, Lever and Canditech, with their state in words; and what the settings' pages share.

mod copy;
mod failure;
#[cfg(feature = "ssr")]
mod plain_form;
pub mod server;
mod tabs;

use leptos::{either::EitherOf3, prelude::*};

#[cfg(feature = "ssr")]
pub(crate) use self::plain_form::go_on_from_plain_form;
use self::server::{TileView, TilesView, Well, integrations_page};
pub use self::{
    copy::CopyButton,
    failure::{Failure, problem_of},
    tabs::SettingsTabs,
};
use crate::{
    live::Live,
    problem::Problem,
    route,
    ui::{Icon, PageHead, ProblemNotice, Ready, Status, Time, Tone},
};

/// The two tiles: Lever and Canditech.
#[component]
pub fn IntegrationsPage() -> impl IntoView {
    let changes = expect_context::<Live>().set_up();
    let answer = Resource::new(move || changes.get(), |_| integrations_page());
    view! {
        <PageHead title="Integrations" lead="Lever tells who enters a stage; Canditech gives the assessments."/>
        <SettingsTabs/>
        <Ready answer rows=2>
            <Tiles answer/>
        </Ready>
    }
}

#[component]
fn Tiles(answer: Resource<Result<TilesView, Problem>>) -> impl IntoView {
    move || match answer.get() {
        None => EitherOf3::A(()),
        Some(Err(problem)) => EitherOf3::B(view! { <ProblemNotice problem/> }),
        Some(Ok(tiles)) => EitherOf3::C(view! {
            <ul class="tiles">
                <Tile name="Lever" what="Your applicant tracking system" href=route::LEVER tile=tiles.lever/>
                <Tile name="Canditech" what="Your skills assessments" href=route::CANDITECH tile=tiles.canditech/>
            </ul>
        }),
    }
}

#[component]
fn Tile(name: &'static str, what: &'static str, href: &'static str, tile: TileView) -> impl IntoView {
    let (tone, icon) = match tile.well {
        Well::Yes => (Tone::Good, Icon::CheckCircle),
        Well::NotYet => (Tone::Neutral, Icon::Circle),
        Well::No => (Tone::Danger, Icon::Alert),
    };
    view! {
        <li class="tile">
            <h2><a href=href>{name}</a></h2>
            <p class="hint">{what}</p>
            <p class="tile-state">
                <Status tone icon word=tile.state/>
                {tile.at.map(|at| view! { <span class="hint"><Time at/></span> })}
            </p>
            <p>{tile.detail}</p>
        </li>
    }
}
