using System.Globalization;

namespace Microsoft.ML.Diffusion;

/// <content>Expressions and calls.</content>
internal sealed partial class ScriptBodyChecker
{
    private (ScriptExpression Value, ScriptKind Kind) Check(ScriptExpression expression) => expression switch
    {
        ScriptLiteral or ScriptText => (expression, default),
        ScriptName name => _variables.TryGetValue(name.Name, out var kind) ? (name, kind) : throw _source.Refuse(name.Line, $"'{name.Name}' is no variable, and no function that only computes"),
        ScriptItem item => (item with { Of = Value(item.Of), Index = Value(item.Index) }, default),
        ScriptItems items => (items with { Items = [.. items.Items.Select(Value)] }, default),
        ScriptDictionary items => (items with { Items = [.. items.Items.Select(item => (Value(item.Key), Value(item.Value)))] }, default),
        ScriptTyped typed => (Check(typed), default),
        ScriptMember member => Check(member),
        ScriptCall call => Check(call),
        _ => throw _source.Refuse(expression.Line, $"{expression} is not known"),
    };

    private ScriptTyped Check(ScriptTyped typed)
    {
        if (typed.Type.IsClass || !_names.Knows(typed.Type) || (typed.Word == "unchecked_cast" && !typed.Type.IsSimple))
            throw _source.Refuse(typed.Line, $"{typed.Word} to {typed.Type} is not permitted");
        return typed with { Value = typed.Value is null ? null : Value(typed.Value) };
    }

    private (ScriptExpression Value, ScriptKind Kind) Check(ScriptMember member)
    {
        if (member.Path is { } path && !_variables.ContainsKey(path[..path.IndexOf('.', StringComparison.Ordinal)]))
        {
            if (path.StartsWith("__torch__.", StringComparison.Ordinal))
                return _names.Function(path) is not null ? (member, new ScriptKind(null, path)) : throw _source.Refuse(member.Line, $"{path} is no function of the file");
            if (path.StartsWith("CONSTANTS.c", StringComparison.Ordinal))
                return int.TryParse(path[11..], NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < _names.Constants
                    ? (new ScriptName(member.Line, $"CONSTANTS.c{number}"), default)
                    : throw _source.Refuse(member.Line, $"the file has {_names.Constants} constants, and no {path}");
            throw _source.Refuse(member.Line, $"{path} is used as a value");
        }
        var (of, kind) = Check(member.Of);
        return (member with { Of = of }, Part(member.Line, kind, member.Name));
    }

    private ScriptKind Part(int line, ScriptKind kind, string name)
    {
        if (kind.Class is not { } owner)
            throw _source.Refuse(line, $"'.{name}' is asked of {kind}; only modules have parts, and operators are written torch.{name}(x)");
        return _names.Class(owner)!.Attributes.FirstOrDefault(attribute => attribute.Name == name) is { } found ? ScriptKind.Of(found.Type) : throw _source.Refuse(line, $"{owner} has no '{name}'");
    }

    private (ScriptExpression Value, ScriptKind Kind) Check(ScriptCall call)
    {
        switch (call.Callee)
        {
            case ScriptName { Name: "getattr" } when call.Arguments is [var of, ScriptText name] && call.Named.Count == 0:
                var (module, kind) = Check(of);
                return (call with { Arguments = [module, name] }, Part(call.Line, kind, name.Value));
            case ScriptName { Name: "int" or "float" or "bool" or "str" } when call.Arguments.Count == 1 && call.Named.Count == 0:
                return (call with { Arguments = [Value(call.Arguments[0])] }, default);
            case ScriptMember { Path: { } path } when path.StartsWith("torch.", StringComparison.Ordinal):
                return (Operator(call, "aten", path[6..]), default);
            case ScriptMember { Path: { } path } when path.StartsWith("ops.", StringComparison.Ordinal):
                return (Operator(call, path[4..].Split('.')[0], path[(path.IndexOf('.', 4) + 1)..]), default);
            case ScriptMember member when member.Path?.StartsWith("__torch__.", StringComparison.Ordinal) != true:
                var (owner, ownerKind) = Check(member.Of);
                if (ownerKind.Class is null)
                    throw _source.Refuse(call.Line, $"'.{member.Name}' is called of {ownerKind}; only modules have methods, and operators are written torch.{member.Name}(x)");
                var method = _names.Class(ownerKind.Class)!.Methods.FirstOrDefault(method => method.Name == member.Name) ?? throw _source.Refuse(call.Line, $"{ownerKind.Class} has no method '{member.Name}'");
                return Call(call with { Callee = member with { Of = owner } }, method, [.. method.Parameters.Skip(1)]);
            default:
                var (callee, calleeKind) = Check(call.Callee);
                if (calleeKind.Function is null)
                    throw _source.Refuse(call.Line, $"{calleeKind} is called");
                var function = _names.Function(calleeKind.Function)!;
                return Call(call with { Callee = callee }, function, function.Parameters);
        }
    }

    private (ScriptExpression Value, ScriptKind Kind) Call(ScriptCall call, ScriptFunction function, IReadOnlyList<ScriptParameter> parameters)
    {
        string name = function.Name;
        Calls.Add(function);
        if (call.Arguments.Count > parameters.Count)
            throw _source.Refuse(call.Line, $"{name} takes {parameters.Count} arguments, got {call.Arguments.Count}");
        for (int i = 0; i < parameters.Count; i++)
            if ((i < call.Arguments.Count ? 1 : 0) + call.Named.Count(named => named.Name == parameters[i].Name) is var count && (count > 1 || (count == 0 && parameters[i].Default is null)))
                throw _source.Refuse(call.Line, $"{name} is given '{parameters[i].Name}' {count} times");
        if (call.Named.FirstOrDefault(named => parameters.All(parameter => parameter.Name != named.Name)) is { Name: { } unknown })
            throw _source.Refuse(call.Line, $"{name} has no parameter '{unknown}'");
        var arguments = call.Arguments.Select((argument, i) => Check(argument, ScriptKind.Of(parameters[i].Type)));
        var named = call.Named.Select(named => (named.Name, Check(named.Value, ScriptKind.Of(parameters.First(parameter => parameter.Name == named.Name).Type))));
        return (call with { Arguments = [.. arguments], Named = [.. named] }, ScriptKind.Of(function.Result));
    }

    private ScriptCall Operator(ScriptCall call, string space, string name)
    {
        if (!PermittedOperators.Has($"{space}::{name}"))
            throw _source.Refuse(call.Line, $"the operator {space}::{name} is none of those that compute on tensors and do nothing else");
        foreach (var (argument, value) in call.Named)
        {
            if (!PermittedOperators.MayName(argument))
                throw _source.Refuse(call.Line, $"the operator {space}::{name} is given '{argument}', which is not permitted");
            bool isPlain = argument switch
            {
                "layout" => value is ScriptLiteral { Text: "0" or "None" } or ScriptCall { Callee: ScriptMember { Path: "ops.prim.layout" } },
                "pin_memory" => value is ScriptLiteral { Text: "False" or "None" },
                _ => true,
            };
            if (!isPlain)
                throw _source.Refuse(call.Line, $"the operator {space}::{name} is given {argument}={value}; expected dense tensors in plain memory");
        }
        Size++;
        ChangesContainers |= PermittedOperators.ChangesContainers(name);
        return PermittedOperators.Pin(name, call with { Arguments = [.. call.Arguments.Select(Value)], Named = [.. call.Named.Select(named => (named.Name, Value(named.Value)))] });
    }
}
