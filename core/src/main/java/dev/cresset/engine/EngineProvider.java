package dev.cresset.engine;

/**
 * Offers an engine to {@link java.util.ServiceLoader}. Providers are cheap: nothing native is touched before {@link #open}.
 *
 * <p>Instances are safe for use by several threads.
 */
public interface EngineProvider {

    /** The name by which an engine is asked for: {@code torch}. */
    String name();

    /** Of the engines that can run here, the one with the highest priority is taken when none is asked for. */
    int priority();

    /** Whether this platform is one that the engine can run on. */
    boolean isSupported();

    /**
     * The engine of this process: opened at the first call, the same ever after.
     *
     * @throws EngineException of kind {@code UNAVAILABLE}, if it cannot run here; the message says why and what would help
     */
    Engine open();
}
