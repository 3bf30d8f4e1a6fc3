package dev.cresset.registry;

import java.lang.System.Logger.Level;
import java.nio.file.Path;

/** Writes what becomes of a registry's models to the log. */
final class LoggedChanges implements ModelRegistry.Listener {

    private static final System.Logger LOG = System.getLogger("dev.cresset");

    @Override
    public void registered(ModelVersion version) {
        LOG.log(Level.INFO, "registered {0} {1} from {2}", version.model(), version.version(), version.archive());
    }

    @Override
    public void updated(ModelVersion before, ModelVersion after) {
        LOG.log(
                Level.INFO,
                "updated {0} from {1} to {2}, from {3}",
                after.model(),
                before.version(),
                after.version(),
                after.archive());
    }

    @Override
    public void unregistered(ModelVersion version) {
        LOG.log(Level.INFO, "unregistered {0} {1}", version.model(), version.version());
    }

    @Override
    public void failed(Path path, Throwable reason) {
        // Who called is told by the exception; where it came from matters to who looks into it.
        LOG.log(Level.WARNING, path + " is not put in service: " + reason.getMessage());
        LOG.log(Level.DEBUG, "why " + path + " is not put in service", reason);
    }
}
