//! The SQL of the choice which notes Lever gets.

use crate::{
    clock::Moment,
    db::Tx,
    fault::StoreError,
    id::OrganizationId,
    invite::Invite,
    note::{Choice, Start, Unsent, choice::Standing},
};

fn choice(start: &str, unsent: i64) -> Choice {
    Choice {
        start: if start == "completed" { Start::Completed } else { Start::Sent },
        unsent: if unsent == 0 { Unsent::NotTold } else { Unsent::Told },
    }
}

/// What was chosen, and whether a note of this invite exists. A create that only a restored backup puts in
/// doubt has no text: there was no note that it knows of.
pub(in crate::note) async fn standing(
    executor: impl sqlx::Executor<'_, Database = sqlx::Any>,
    invite: &Invite,
) -> Result<Standing, StoreError> {
    let (start, unsent, written, written_at): (String, i64, i64, Option<i64>) = sqlx::query_as(
        "SELECT o.notes_start, o.notes_unsent,
             (SELECT COUNT(*) FROM notes n
              WHERE n.invite_id = $2
                  AND (n.lever_note_id IS NOT NULL OR (n.create_intent_at IS NOT NULL AND n.written IS NOT NULL))),
             (SELECT n.written_at FROM notes n WHERE n.invite_id = $2)
         FROM organizations o
         WHERE o.id = $1",
    )
    .bind(invite.organization.as_str())
    .bind(invite.id.as_str())
    .fetch_one(executor)
    .await?;
    Ok(Standing { choice: choice(&start, unsent), written: written != 0, written_at: written_at.map(Moment) })
}

pub(in crate::note) async fn chosen(
    executor: impl sqlx::Executor<'_, Database = sqlx::Any>,
    organization: &OrganizationId,
) -> Result<Choice, StoreError> {
    let (start, unsent): (String, i64) =
        sqlx::query_as("SELECT notes_start, notes_unsent FROM organizations WHERE id = $1")
            .bind(organization.as_str())
            .fetch_one(executor)
            .await?;
    Ok(choice(&start, unsent))
}

pub(in crate::note) async fn choose(
    tx: &mut Tx,
    organization: &OrganizationId,
    choice: Choice,
) -> Result<(), StoreError> {
    let start = match choice.start {
        Start::Sent => "sent",
        Start::Completed => "completed",
    };
    sqlx::query("UPDATE organizations SET notes_start = $2, notes_unsent = $3 WHERE id = $1")
        .bind(organization.as_str())
        .bind(start)
        .bind(i64::from(choice.unsent == Unsent::Told))
        .execute(&mut **tx)
        .await?;
    Ok(())
}
