#pragma once

#include <string>

/// The pieces that the patterns of all steps share.
namespace parley::steps {

/// Begins every pattern: the forms in which a feature names the process that performs a step. The role is captured and
/// ignored, for the step has been routed already.
inline const std::string role = R"((?:(?:the|a new|a second|two) )?'([^']*)'(?: process(?:es)?)? )";

/// A quoted whole number.
inline const std::string number = R"('(\d+)')";

/// Any quoted text.
inline const std::string text = "'([^']*)'";

}  // namespace parley::steps
