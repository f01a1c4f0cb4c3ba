// Serves the model that docs/samples/FirstModel saves, as docs/serving.md tells:
//   dotnet run -c Release --project docs/samples/Serving -- model.zip --urls http://127.0.0.1:5000
//   curl -o cat.png 'http://127.0.0.1:5000/pictures/cat.png?seed=7'
// <snippet>
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Diffusion;
using Microsoft.ML.Diffusion.Transforms;
// </snippet>
using Serving;

// <snippet>
string file = args[0];
var builder = WebApplication.CreateBuilder(args[1..]);
var d = new MLContext().Diffusion();
builder.Services.AddSingleton(_ => d.Generators.Pool<Query, Picture>(file, engines: 1));
var app = builder.Build();

app.MapGet("/pictures/{label}.png", async (string label, long? seed, GeneratorPool<Query, Picture> pool, HttpResponse response, CancellationToken clientIsGone) =>
{
    if (pool.IsFull)
        return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
    var query = new Query { Label = label, Seed = seed ?? Random.Shared.NextInt64() };
    try
    {
        Picture picture = await pool.GenerateAsync(query, clientIsGone);
        response.Headers["X-Seed"] = query.Seed.ToString(CultureInfo.InvariantCulture); // who likes the picture can have it again
        return Results.Bytes(d.Images.ToPng(picture.Sample, new DataShape(3, 32, 32)), "image/png");
    }
    catch (UnknownValueException unknown)
    {
        return Results.NotFound(unknown.Message);                                       // no such class, and which there are
    }
});
app.MapPost("/reload", (GeneratorPool<Query, Picture> pool) => pool.Reload(file));      // no request is lost
app.Run();
// </snippet>
