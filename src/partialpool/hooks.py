"""What happens around a Kedro run."""

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.framework.project import pipelines

from partialpool.failures import tell_plainly
from partialpool.pipeline_registry import build_pipelines
from partialpool.project_parameters import check_parameters


class ProjectHooks:
    """Checks the parameters first, and points the pipelines at the user's own screen."""

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Stop before anything runs if a parameter is wrong; choose the input and the models."""
        tell_plainly()
        parameters = check_parameters(context.config_loader["parameters"])
        pipelines.update(build_pipelines(parameters.screen_path is None, parameters.models))
