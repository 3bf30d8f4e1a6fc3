package dev.cresset.internal.services;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * What offers a service to Cresset: first what its own class loader sees, then what the thread's context class loader sees
 * beside it, as where an application server has Cresset and an application brings a handler.
 */
public final class Services {

    private static final System.Logger LOG = System.getLogger("dev.cresset");

    private Services() {}

    /** All providers, each class once. */
    public static <S> List<S> all(Class<S> service) {
        ClassLoader own = Services.class.getClassLoader();
        List<S> found = new ArrayList<>();
        ServiceLoader.load(service, own).forEach(found::add);
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        if (context != null && context != own) {
            addOthers(ServiceLoader.load(service, context).iterator(), found);
        }
        return found;
    }

    /** One that was made for another copy of Cresset is none for this one. */
    private static <S> void addOthers(Iterator<S> providers, List<S> found) {
        boolean more = true;
        while (more) {
            try {
                more = providers.hasNext();
                if (more) {
                    S provider = providers.next();
                    if (found.stream().noneMatch(one -> one.getClass().equals(provider.getClass()))) {
                        found.add(provider);
                    }
                }
            } catch (ServiceConfigurationError e) {
                LOG.log(System.Logger.Level.DEBUG, "a provider of the context class loader is passed over", e);
            }
        }
    }
}
