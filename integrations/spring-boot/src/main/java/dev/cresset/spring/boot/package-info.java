/**
 * Cresset in Spring Boot: each model that an application's properties name is a {@link dev.cresset.Predictor} bean of that name,
 * a followed folder a {@link dev.cresset.registry.ModelRegistry} bean.
 *
 * <p>What is here configures, and computes nothing: a bean is the predictor that {@code Predictor.builder} opens, with nothing around
 * it. Beans of the application's own win. Nothing here needs a web server; what shows itself through the actuator or Micrometer does so
 * where those are.
 */
@NullMarked
package dev.cresset.spring.boot;

import org.jspecify.annotations.NullMarked;
