using System.Text.Json;

namespace Microsoft.ML.Diffusion;

/// <summary>Says in words what samplers are.</summary>
public static class SamplerDescription
{
    /// <summary>The name under which a sampler is stored, and its parameters: <c>heun (stage 0.5)</c>.</summary>
    /// <param name="sampler">The sampler.</param>
    /// <returns>The name of the type for one that is not of this library.</returns>
    public static string Describe(this ISampler sampler)
    {
        ArgumentNullException.ThrowIfNull(sampler);
        string json;
        try
        {
            json = ModelJson.Write(sampler);
        }
        catch (NotSupportedException)
        {
            return sampler.GetType().Name;
        }
        using var document = JsonDocument.Parse(json);
        string[] parameters =
        [
            .. from property in document.RootElement.EnumerateObject()
               where property.Name != "kind" && property.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False)
               select property.Value.ValueKind == JsonValueKind.True ? property.Name : $"{property.Name} {property.Value.GetRawText().Replace("\"", "", StringComparison.Ordinal)}",
        ];
        string kind = document.RootElement.GetProperty("kind").GetString()!;
        return parameters.Length == 0 ? kind : $"{kind} ({string.Join(", ", parameters)})";
    }

    /// <summary>The plan of a solver as text, under the solver's name: cost, levels, instructions.</summary>
    /// <param name="solver">The solver.</param>
    /// <param name="grid">The grid.</param>
    /// <param name="options">How much is shown; the defaults unless given. Its title stands in for the name.</param>
    public static string Describe(this ISolver solver, TimeGrid grid, PlanTextOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(solver);
        options ??= new();
        return solver.Plan(grid).ToString(new PlanTextOptions { Title = options.Title ?? solver.Describe(), MaxLines = options.MaxLines, Instructions = options.Instructions });
    }
}
