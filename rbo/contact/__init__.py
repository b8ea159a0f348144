"""How a ball finds its contact: exchangeable solvers with one interface (`base.ContactSolver`)."""

from rbo.contact.base import ContactSolver, PreparedSolver
from rbo.contact.descent import Descent
from rbo.contact.footpoint import Footpoint
from rbo.contact.rigid import Rigid

__all__ = ["ContactSolver", "Descent", "Footpoint", "PreparedSolver", "Rigid"]
