"""Everything that may be asked of a ticket."""

from __future__ import annotations

from application.ticket_commands.aftercare import AnswerComplaint, CallCustomerBack, ComplainAboutTicket
from application.ticket_commands.correspondence import (
    AnswerQuestion,
    LogContact,
    RemarkOnTicket,
    WithdrawFile,
    WriteLetter,
)
from application.ticket_commands.course import (
    CancelTicket,
    CloseTicket,
    ConfirmTicket,
    HoldTicket,
    RejectTicket,
    ReopenTicket,
    ResolveTicket,
    ResumeTicket,
)
from application.ticket_commands.diagnosis import DiagnoseTicket, GuideCustomer
from application.ticket_commands.fieldwork import (
    ArriveOnSite,
    DeliverPart,
    DispatchTechnician,
    OrderPart,
    WorkAroundTicket,
)
from application.ticket_commands.intake import (
    AcknowledgeTicket,
    ClassifyTicket,
    IdentifyCustomer,
    PrioritiseTicket,
)
from application.ticket_commands.liaison import AnswerLiaison, AskOthers, MoveLiaison, WithdrawLiaison
from application.ticket_commands.pairing import LinkTicket, MergeTicket, SplitTicket, UnlinkTicket
from application.ticket_commands.pinning import ApproveRepin, DeclineRepin, RepinTicket
from application.ticket_commands.shapes import TicketAction
from application.ticket_commands.tiers import (
    AcceptHandover,
    AssignTicket,
    EscalateTicket,
    HandBackTicket,
    OwnTicket,
    RefuseHandover,
)

ACTIONS: tuple[type[TicketAction], ...] = (
    ClassifyTicket,
    PrioritiseTicket,
    LinkTicket,
    UnlinkTicket,
    SplitTicket,
    AcknowledgeTicket,
    AssignTicket,
    OwnTicket,
    LogContact,
    WriteLetter,
    IdentifyCustomer,
    HoldTicket,
    ResumeTicket,
    EscalateTicket,
    AcceptHandover,
    RefuseHandover,
    HandBackTicket,
    DiagnoseTicket,
    GuideCustomer,
    AskOthers,
    MoveLiaison,
    AnswerLiaison,
    WithdrawLiaison,
    DispatchTechnician,
    ArriveOnSite,
    WorkAroundTicket,
    OrderPart,
    DeliverPart,
    ResolveTicket,
    ConfirmTicket,
    RejectTicket,
    CloseTicket,
    CallCustomerBack,
    ReopenTicket,
    ComplainAboutTicket,
    AnswerComplaint,
    RepinTicket,
    ApproveRepin,
    DeclineRepin,
    CancelTicket,
    MergeTicket,
    RemarkOnTicket,
    AnswerQuestion,
    WithdrawFile,
)
"""Everything that may be asked of a ticket, in the order of a life."""
