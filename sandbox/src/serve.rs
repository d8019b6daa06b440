//! Serves one stand-in's connections; an answer marked as dropped closes the connection instead.

use std::io;

use axum::Router;
use axum::extract::Request;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::fault::Dropped;

/// Serves HTTP until told to stop.
pub(crate) async fn run(socket: TcpListener, routes: Router, stopping: CancellationToken, tasks: TaskTracker) {
    accept(socket, stopping, tasks, |stream| connection(stream, routes.clone())).await;
}

/// Accepts connections until told to stop, which ends those that are open.
pub(crate) async fn accept<F>(
    socket: TcpListener,
    stopping: CancellationToken,
    tasks: TaskTracker,
    serve: impl Fn(TcpStream) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        let accepted = tokio::select! {
            () = stopping.cancelled() => return,
            accepted = socket.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                tasks.spawn(stopping.clone().run_until_cancelled_owned(serve(stream)));
            }
            Err(error) => tracing::warn!(%error, "a connection could not be accepted"),
        }
    }
}

async fn connection(stream: TcpStream, routes: Router) {
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let routes = routes.clone();
        async move {
            let Ok(answer) = routes.oneshot(request.map(axum::body::Body::new)).await;
            // The only way to close without a word: an error of the service itself.
            if answer.extensions().get::<Dropped>().is_some() {
                return Err(io::Error::other("dropped on demand"));
            }
            Ok(answer)
        }
    });
    let serving = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    if let Err(error) = serving.await {
        tracing::debug!(%error, "a connection ended early");
    }
}
