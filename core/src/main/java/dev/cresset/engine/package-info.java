/**
 * The seam between Cresset and what runs a model; an engine implements it. Callers of Cresset need of it what they choose by,
 * {@link dev.cresset.engine.Device}, {@link dev.cresset.engine.Optimization}, {@link dev.cresset.engine.Precision} and {@link
 * dev.cresset.engine.EngineOptions}, and what is reported to them, {@link dev.cresset.engine.DeviceReport} and {@link
 * dev.cresset.engine.GraphReport}.
 *
 * <ol>
 *   <li>An engine sees values, methods and bytes; it never sees archives, handlers or anybody's requests.
 *   <li>Arguments arrive checked against the model's signature, open, and held open for the length of the call.
 *   <li>What goes wrong leaves an engine as an {@link dev.cresset.engine.EngineException} with its kind, and nothing else.
 *   <li>The caller closes what it opened, children first, each once, and only when no call is inside.
 *   <li>{@code EngineContractTest} in core's test jar says the same in code; every engine passes it.
 * </ol>
 */
@NullMarked
package dev.cresset.engine;

import org.jspecify.annotations.NullMarked;
