"""Clients, plans and milestones, and all that is written about them on the way to a decision."""

from milestones.models.dates import DateMove, LabelChange, Miss
from milestones.models.decisions import Comment, Decision, DecisionRequest, Review, Reviewer
from milestones.models.engagements import Account, Contact, Phase, Project
from milestones.models.milestone import Criterion, Dependency, Milestone
from milestones.models.notices import Notice
from milestones.models.quality import Artifact, ArtifactVersion, QaRun
from milestones.models.rhythm import Checklist, ImportRun, PlanTemplate, WeeklyReview
from milestones.models.scope import ChangeRequest, Recourse
from milestones.models.work import DayTally, ProgressUpdate, Pulse, WorkItem

__all__ = [
    "Account",
    "Artifact",
    "ArtifactVersion",
    "ChangeRequest",
    "Checklist",
    "Comment",
    "Contact",
    "Criterion",
    "DateMove",
    "DayTally",
    "Decision",
    "DecisionRequest",
    "Dependency",
    "ImportRun",
    "LabelChange",
    "Milestone",
    "Miss",
    "Notice",
    "Phase",
    "PlanTemplate",
    "ProgressUpdate",
    "Project",
    "Pulse",
    "QaRun",
    "Recourse",
    "Review",
    "Reviewer",
    "WeeklyReview",
    "WorkItem",
]
