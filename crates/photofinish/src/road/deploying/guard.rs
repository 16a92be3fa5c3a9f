//! What watches over money on AWS, made before anything that can cost any.

use photofinish_cloud::{Account, AlarmSpec, BudgetSpec, Cloud, Subscription, Tags};
use photofinish_study::Budget;

use super::{noted, prefix};
use crate::failure::Failure;
use crate::road::Site;

/// Makes the budget and the billing alarm that the study asks for.
pub(super) async fn set(
    site: &Site<'_>,
    cloud: &Cloud,
    account: &Account,
    tags: &Tags,
) -> Result<(), Failure> {
    let Site { opened, journal, progress, .. } = *site;
    let Some(Budget { limit_usd, alarm_email }) = opened.study.budget.clone() else {
        return Ok(());
    };
    let prefix = prefix(opened);
    let budget = BudgetSpec {
        name: format!("{prefix}budget"),
        limit_usd,
        email: alarm_email.clone(),
        tags: tags.clone(),
    };
    let made = cloud.ensure_budget(account, &budget);
    noted(journal, "ensure-budget", &budget.name, made).await?;
    let Some(email) = alarm_email else {
        let text = format!(
            "${limit_usd:.2} a month is watched and nobody is told: name an `alarm_email` under \
             [budget]"
        );
        progress.say("budget", &text);
        return Ok(());
    };
    let alarm =
        AlarmSpec { name: format!("{prefix}charges"), limit_usd, email, tags: tags.clone() };
    let made = cloud.ensure_billing_alarm(&alarm);
    let subscription = noted(journal, "ensure-billing-alarm", &alarm.name, made).await?;
    progress.say(
        "budget",
        &format!(
            "above ${limit_usd:.2} a month AWS writes to {}; it bills hours late, and its alarm \
             needs \"Receive CloudWatch Billing Alerts\" to be on in the account's billing \
             preferences",
            alarm.email
        ),
    );
    if subscription == Subscription::Pending {
        let text = format!("{} has yet to confirm the mail from AWS Notifications", alarm.email);
        progress.say("budget", &text);
    }
    Ok(())
}
