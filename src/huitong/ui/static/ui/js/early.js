// Runs before the page is drawn: what needs scripts shows only where scripts run.
document.documentElement.classList.add("js");
