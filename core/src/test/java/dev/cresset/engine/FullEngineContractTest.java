package dev.cresset.engine;

/** For engines that can all that a {@link Capability} is. */
public abstract class FullEngineContractTest extends EngineContractTest
        implements MethodsContract,
                ScalarsContract,
                CollectionsContract,
                StateContract,
                TracebacksContract,
                OptimizationsContract {}
